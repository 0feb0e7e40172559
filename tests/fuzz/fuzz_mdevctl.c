// SPDX-License-Identifier: GPL-2.0-or-later
// What mdevctl is to start: its udev rule, and its definitions.
#include "tree.h"

#include "read/host/mdevctl.h"

#define DEFINITION "etc/mdevctl.d/0000:00:02.0/00000000-0000-0000-0000-00000000010"

static struct tree_file files[] = {
	{ .name = "admin", .path = "etc/udev/rules.d/60-mdevctl.rules" },
	{ .name = "vendor", .path = "usr/lib/udev/rules.d/60-mdevctl.rules" },
	{ .name = "link", .path = "run/udev/rules.d/60-mdevctl.rules", .link = true },
	{ .name = "program", .path = "usr/sbin/mdevctl" },
	{ .name = "one", .path = DEFINITION "0" },
	{ .name = "two", .path = DEFINITION "1" },
	{ .name = "three", .path = DEFINITION "2", .link = true },
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mdevctl mdevctl;
	const struct root *root = tree_fill(files, ARRAY_SIZE(files), data, size);
	mdevctl_read(&mdevctl, root);
	CHECK(strnlen(mdevctl.rule, sizeof(mdevctl.rule)) < sizeof(mdevctl.rule));
	CHECK(strnlen(mdevctl.program, sizeof(mdevctl.program)) < sizeof(mdevctl.program));
	CHECK(mdevctl.rule[0] || !mdevctl.program[0]);
	CHECK(mdevctl.program[0] || (!mdevctl.program_found && !mdevctl.elsewhere[0] && mdevctl.automatic == 0));
	CHECK(!strpbrk(mdevctl.program, " \t\n\"'{;"));
	CHECK(streq(mdevctl.elsewhere, "") || streq(mdevctl.elsewhere, "/usr/sbin/mdevctl"));
	CHECK(mdevctl.automatic <= 3 && (mdevctl.automatic > 0) == starts_with(mdevctl.first, "/" DEFINITION));
	CHECK(!mdevctl.unread[0] || starts_with(mdevctl.unread, "/" DEFINITION));
	return 0;
}
