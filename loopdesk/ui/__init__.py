"""The Qt window: draws screens, and turns clicks and keys into intents."""
