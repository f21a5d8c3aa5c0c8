"""Looking after people: their list, deactivating, erasing, and all that is kept of one for him to take along."""
