"""The API key and the station's secret, and the signing of manifests."""
