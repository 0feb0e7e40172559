// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of a plan as JSON, and their words, which gvt-early(8) lists.
#pragma once

#include <jansson.h>

#include "decide/plan.h"

const char *stance_name(enum stance stance);
const char *step_name(enum instance_step step);

// New references.
json_t *finding_json(const struct finding *finding);
json_t *problems_json(const struct config *config);
json_t *warnings_json(const struct config *config);
