module transship/oracle/control-plane

go 1.26
