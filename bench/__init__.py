"""What the budgets of the engine are held against: ``make bench``. Nothing here is a test, and nothing is deployed."""
