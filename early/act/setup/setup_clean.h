// SPDX-License-Identifier: GPL-2.0-or-later
// "setup --clean": what the lists of modules name and no kernel of this host has.
#pragma once

#include "act/setup/setup_record.h"
#include "base/root.h"

// As setup_decide().
MUST_CHECK int setup_clean_decide(struct setup_plan *plan, const struct root *root);
