"""Every command, every way in which it may end, in process, with jobs and on servers."""
