// SPDX-License-Identifier: GPL-2.0-or-later
// The state as metrics, in the text format that Prometheus reads, for node_exporter's textfile collector. gvt-early(8),
// METRICS, lists them.
#pragma once

#include <stdio.h>

#include "read/boot/past_run.h"
#include "tell/instance_state.h"
#include "tell/overview.h"
#include "tell/vf_state.h"

// offers are those of look_offers().
void metrics_print(FILE *stream, const struct overview *look, const struct offer_list *offers,
		   const struct past_run *boot, const struct past_run *apply,
		   const struct instance_state_list *instances, const struct vf_state_list *vfs, bool ok);
