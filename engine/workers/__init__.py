"""Where jobs are painted: processes on this machine, one for each device."""
