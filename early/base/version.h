// SPDX-License-Identifier: GPL-2.0-or-later
// Which of two versions is the newer one, as systemd-boot sorts its entries: UAPI.10 Version Format Specification
// (strverscmp_improved() in systemd). "sort -V" and strverscmp() differ: here 6.14.0-1-pve is newer
// than 6.14.0-rc3-1-pve.
#pragma once

// Less than, equal to or greater than 0.
int version_compare(const char *a, const char *b);
