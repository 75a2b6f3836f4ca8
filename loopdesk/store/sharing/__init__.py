"""What the hub told this bench of the others, beside what is entered here."""
