// SPDX-License-Identifier: GPL-2.0-or-later
#include "look.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "clock.h"
#include "sources.h"

#define COMING_LIMIT_US USEC_PER_SEC // inserting a driver takes some tenths of it
#define LOOK_EVERY_MS	50

static bool is_coming(const struct host *host)
{
	return host->i915_state == MODULE_COMING || host->kvmgt_state == MODULE_COMING;
}

// A driver may hang in its insertion, in its probe, or when it is asked.
static int read_offers(struct look *look)
{
	struct gpu_list *gpus = &look->host.gpus;
	uint64_t until_us = clock_now_us() + COMING_LIMIT_US;
	while (is_coming(&look->host) && !look->root->path[0] && clock_left_ms(until_us) > 0) {
		(void)poll(NULL, 0, LOOK_EVERY_MS);
		host_read_again(&look->host, look->root);
	}
	gpus->hung |= is_coming(&look->host);
	look->offers = calloc(gpus->count + 1, sizeof(*look->offers));
	if (!look->offers)
		return -ENOMEM;
	for (size_t i = 0; i < gpus->count; i++) {
		offer_list_read(&look->offers[i], look->root, &look->host, &gpus->items[i], clock_now_us() + HOST_LIMIT_US);
		look->host.types_hung |= look->offers[i].hung && !gpus->hung;
	}
	look->hung = gpus->hung || look->host.types_hung;
	return 0;
}

int look_read(struct look *look, const struct root *root)
{
	*look = (struct look){ .root = root };
	config_init(&look->config);
	int r = host_look(&look->host, root, &look->modules);
	if (r == 0)
		r = read_offers(look);
	if (r == 0)
		r = config_read(&look->config, root, false);
	if (r == 0)
		r = sources_add_guests(&look->config, root, UINT64_MAX, false);
	if (r < 0)
		return r;
	usage_read(&look->usage, root, &look->host.instances, clock_now_us() + USAGE_LIMIT_US);
	usage_mark(&look->usage, &look->host.instances);
	return plan_make(&look->plan, &look->host, &look->config);
}

void look_free(struct look *look)
{
	free(look->offers);
	plan_free(&look->plan);
	config_free(&look->config);
	host_free(&look->host);
	modules_close(look->modules);
}

const struct wanted *look_wanted(const struct look *look, const char *uuid)
{
	for (size_t i = 0; i < look->config.wanted.count; i++)
		if (streq(look->config.wanted.items[i].uuid, uuid))
			return &look->config.wanted.items[i];
	return NULL;
}

void look_owner(const struct look *look, const char *uuid, char ret[static OWNER_SIZE])
{
	unsigned vmid, index;
	const struct wanted *wanted = look_wanted(look, uuid);
	if (wanted_is_guest(uuid, &vmid, &index))
		snprintf(ret, OWNER_SIZE, "guest %u, hostpci%u", vmid, index);
	else
		snprintf(ret, OWNER_SIZE, "%s", wanted ? wanted->source : "somebody else");
}

void look_name(const char *uuid, char ret[static UUID_SIZE])
{
	unsigned vmid, index;
	if (wanted_is_guest(uuid, &vmid, &index))
		snprintf(ret, UUID_SIZE, "guest %u hostpci%u", vmid, index);
	else
		snprintf(ret, UUID_SIZE, "%s", uuid);
}

void look_next(const struct look *look, char ret[static TEXT_SIZE])
{
	const struct plan *plan = &look->plan;
	const struct finding *wrong = plan->stance != STANCE_ACT ? &plan->leave : plan->iommu.severity >= SEVERITY_WARNING ? &plan->iommu : NULL;
	bool odd = wrong && wrong->severity >= SEVERITY_WARNING, due = plan->removal_count > 0;
	for (size_t i = 0; i < plan->instance_count; i++) {
		odd |= plan->instances[i].text[0] != '\0';
		due |= plan->instances[i].step == INSTANCE_CREATE || plan->instances[i].step == INSTANCE_REMAKE;
	}
	if (look->config.problem_count > 0)
		snprintf(ret, TEXT_SIZE, "correct %.400s", look->config.problems[0]);
	else if (wrong && wrong->cure)
		snprintf(ret, TEXT_SIZE, "%s", finding_cure(wrong));
	else
		snprintf(ret, TEXT_SIZE, "%s", odd ? "run 'gvt-early check'" : due ? "run 'gvt-early apply'" : "");
}
