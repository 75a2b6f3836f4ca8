"""The program against a scripted server that answers, byte for byte, what Loop never would."""
