"""Use-cases in plain asyncio, over ports; neither Qt nor HTTP nor SQL."""
