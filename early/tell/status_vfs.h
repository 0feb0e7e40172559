// SPDX-License-Identifier: GPL-2.0-or-later
// The part of "status" that is of virtual functions (VFs).
#pragma once

#include <jansson.h>

#include "base/terminal.h"
#include "tell/vf_state.h"

// All of them.
void status_vfs_print(const struct terminal *terminal, const struct overview *look, const struct vf_state_list *list);

// How the GPU's time is shared, where it is known and the same for all VFs of a GPU; which begins the sentence.
void status_vfs_print_time(const struct terminal *terminal, const struct vf_state_list *list, size_t gpu,
			   const char *which);

// Whether all that are wanted are present; nothing where none are wanted.
void status_vfs_print_sum(const struct terminal *terminal, const struct vf_state_list *list);

// Those of a guest alone. Returns their number; *ret_bad is set where one cannot be used.
size_t status_vfs_print_guest(const struct terminal *terminal, const struct overview *look,
			      const struct vf_state_list *list, unsigned vmid, bool *ret_bad);

// A new reference.
json_t *status_vfs_json(const struct overview *look, const struct vf_state_list *list);
json_t *process_json(const struct process *process);
