// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

// The name of an errno, as "ENOENT"; of a number that has none, "EUNKNOWN".
const char *errno_name(int error);
