// SPDX-License-Identifier: GPL-2.0-or-later
// Findings as JSON, for those who do not want to read sentences.
#pragma once

#include <jansson.h>

#include "base/finding.h"

// Adds to an object what a finding is beside its name and its text: "cause", a stable name; "errno" such as "EACCES",
// where there is one; "values", an object; and "steps", those of the fix that depend on this host, each with its "step"
// and its values.
//
// A value is a text; a list where it was set several times; "yes" for what is no more than true; the stable name of a
// part of the sentence; or, where that has values of its own, an object with its name as "is" and them.
void finding_add_data(json_t *object, const struct finding *finding);
