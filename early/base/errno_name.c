// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/errno_name.h"

#include <errno.h>
#include <stddef.h>

#include "base/util.h"

// From errno.h, by the Makefile: musl has no strerrorname_np().
static const char *const names[] = {
#include "errno-names.inc"
};

const char *errno_name(int error)
{
	const char *name = (size_t)error < ARRAY_SIZE(names) ? names[error] : NULL;
	return name ? name : "EUNKNOWN"; // a driver's own, such as 524
}
