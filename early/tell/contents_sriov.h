// SPDX-License-Identifier: GPL-2.0-or-later
// What "contents" prints for GPUs that are split by SR-IOV.
#pragma once

#include <stdbool.h>

#include "base/root.h"
#include "base/util.h"
#include "decide/sriov/vf_plan.h"
#include "tell/contents_lines.h"

// Whether a VF is wanted by its address or by a section of gvt-early.conf, so that something has to be said of it
// whatever GPUs there are.
bool contents_names_vf(const struct config *config);

// Leaves VFs to gvt-early.service: the program goes into the initrd, to keep drivers from the GPU until then, and no
// driver.
void contents_leave_to_service(struct contents_lines *lines);

// Leaves VFs to gvt-early.service: the program goes into the initrd, so that it keeps drivers from the GPU until then,
// and no driver.
void contents_leave_to_service(struct contents_lines *lines);

// Adds what the VFs of a plan need to the list: of each GPU the driver, its firmware and its lines of modprobe.d. A
// driver without its firmware would leave the GPU without any: then nothing is added for it. Each GPU is told of in one
// line. Returns whether all that is wanted goes in; *ret_taken is whether anything does.
bool contents_take_vfs(struct contents_lines *lines, const struct vf_plan *plan, const struct host *host,
		       const struct root *root, bool *ret_taken);
