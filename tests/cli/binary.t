#!/bin/sh
# The binary is static: it runs in an initrd that has no libraries.
. "$(dirname "$0")/lib.sh"

like 'file says that it is static' "$(file -L "$program")" \
	'ELF 64-bit LSB .*x86-64.* (statically linked|static-pie linked)'
like 'ldd finds nothing' "$(ldd "$program" 2>&1)" 'not a dynamic executable|statically linked'
unlike 'no interpreter' "$(readelf -lW "$program")" INTERP
unlike 'no library is needed' "$(readelf -dW "$program")" NEEDED
unlike 'no path of the machine that built it' "$(strings -a "$program" | grep -F "$top")" .

done_testing
