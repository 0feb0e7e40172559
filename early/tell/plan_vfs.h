// SPDX-License-Identifier: GPL-2.0-or-later
// The part of "plan" that is of virtual functions (VFs).
#pragma once

#include <jansson.h>

#include "base/terminal.h"
#include "tell/overview.h"

// What else is to be told of the GPUs whose VFs are wanted, beside the plan's own lines on its GPU and on why nothing
// is done.
void plan_vfs_print_findings(const struct terminal *terminal, const struct plan *plan);

// Each VF of the GPUs for which anything is done.
void plan_vfs_print(const struct terminal *terminal, const struct overview *look, const struct plan *plan);

// How many are wanted, and what becomes of them; nothing where none are.
void plan_vfs_print_sum(const struct terminal *terminal, const struct plan *plan);

// The VFs of a guest alone. Returns their number; *ret_bad is set where one cannot be had.
size_t plan_vfs_print_guest(const struct terminal *terminal, const struct overview *look, unsigned vmid, bool *ret_bad);

// Whether a VF that is wanted cannot be had.
bool plan_vfs_are_bad(const struct plan *plan);

// The GPUs whose VFs are wanted. A new reference.
json_t *plan_vfs_json(const struct overview *look, const struct plan *plan);
