"""The machine: profile, settings, secrets, and the doctor that examines them."""
