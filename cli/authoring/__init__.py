"""Tools for authors and maintainers, which no function needs: read, check, draw and compile files, and generate others
from them."""
