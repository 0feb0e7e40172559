// SPDX-License-Identifier: GPL-2.0-or-later
// Which gvt-early this is.
#pragma once

const char *build_release(void); // "0.1.0"

// The linker's build ID in hexadecimal: the same for the same binary only. "unknown" if it was linked without one.
const char *build_id(void);

// The libraries that were linked in, with their versions, one per line.
const char *build_libraries(void);
