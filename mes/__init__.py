"""The shop floor: dispatch, reports, machines, alarms."""
