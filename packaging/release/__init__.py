"""What a release needs beside the packages: the signed manifest of versions."""
