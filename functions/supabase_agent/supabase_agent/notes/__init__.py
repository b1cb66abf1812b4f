"""What a reviewer's notes change of the question: they are read, decided on, and every word of them is answered for."""
