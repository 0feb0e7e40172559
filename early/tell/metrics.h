// SPDX-License-Identifier: GPL-2.0-or-later
// The state as metrics, in the text format that Prometheus reads, for node_exporter's textfile collector. gvt-early(8),
// METRICS, lists them.
#pragma once

#include <stdio.h>

#include "read/boot/past.h"
#include "tell/live.h"
#include "tell/look.h"

// offers are those of look_offers().
void metrics_print(FILE *stream, const struct look *look, const struct offer_list *offers,
		   const struct past *boot, const struct past *late, const struct live_list *live, bool ok);
