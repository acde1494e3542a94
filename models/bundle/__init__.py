"""The folder that serves: what it holds, how it is verified, and which one is champion."""
