"""What authors and maintainers need and no function does: read, check, draw and compile files, and write what is made
of them."""
