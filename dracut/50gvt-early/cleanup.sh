#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Waits for gvt-early's worker before the real root takes over, no longer than its deadline. Sourced: no exit here.
[ -x /usr/sbin/gvt-early ] && /usr/sbin/gvt-early wait
return 0
