// SPDX-License-Identifier: GPL-2.0-or-later
// The part of "types" that is of a GPU which SR-IOV splits: its virtual functions (VFs), and how many more there can
// be.
#pragma once

#include <jansson.h>

#include "base/terminal.h"
#include "tell/overview.h"

// Whether SR-IOV is what could split a GPU of the host.
bool types_are_vfs(const struct gpu *gpu);

// Whether VFs can be made on it now, by all that is known.
bool types_vfs_can_be_made(const struct overview *look, const struct gpu *gpu);

// -ENOMEM.
MUST_CHECK int types_vfs_print(const struct terminal *terminal, const struct overview *look, const struct gpu *gpu);

// Adds what is of VFs to the JSON of a GPU. -ENOMEM.
MUST_CHECK int types_vfs_add_json(json_t *json, const struct overview *look, const struct gpu *gpu);
