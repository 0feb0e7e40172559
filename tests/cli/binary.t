#!/bin/sh
# The binary is static: it runs in an initrd that has no libraries. It is hardened, and small: each initrd has a copy.
. "$(dirname "$0")/lib.sh"

like 'file says that it is static' "$(file -L "$program")" \
	'ELF 64-bit LSB .*x86-64.* (statically linked|static-pie linked)'
like 'ldd finds nothing' "$(ldd "$program" 2>&1)" 'not a dynamic executable|statically linked'
unlike 'no interpreter' "$(readelf -lW "$program")" INTERP
unlike 'no library is needed' "$(readelf -dW "$program")" NEEDED
unlike 'no path of the machine that built it' "$(strings -a "$program" | grep -F "$top")" .

# Hardened: it lies anywhere in memory, what is relocated is read-only then, no memory is written and executed, buffers and the stack are checked.
like 'position-independent' "$(readelf -hW "$program")" 'Type: +DYN'
like 'everything is relocated at the start' "$(readelf -dW "$program")" 'BIND_NOW|FLAGS_1.* NOW'
like 'what is relocated becomes read-only' "$(readelf -lW "$program")" GNU_RELRO
like 'the relocations are packed' "$(readelf -dW "$program")" '\(RELR\)'
like 'the stack is not executable' "$(readelf -lW "$program")" 'GNU_STACK.* RW '
unlike 'no segment can be written and executed' "$(readelf -lW "$program")" 'LOAD.* RWE '
like 'buffers are checked' "$(strings -a "$program")" 'buffer overflow detected'
like 'so is the stack' "$(nm "$program")" ' __stack_chk_fail$'

strip -o "$work/stripped" "$program"
# small WHAT BYTES LIMIT
small() { ok "$1: $2 bytes of at most $3" test "$2" -le "$3" || note 'what is in it: make bench-size'; }
small stripped "$(stat -c %s "$work/stripped")" 1000000
small 'in an initrd, by zstd -19' "$(zstd -19 -qc "$work/stripped" | wc -c)" 420000

done_testing
