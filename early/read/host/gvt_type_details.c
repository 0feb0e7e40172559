// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/gvt_type_details.h"

#include <errno.h>
#include <stdio.h>

#include "base/child.h"
#include "base/file.h"

#define ATTRIBUTE "bus/pci/devices/%s/mdev_supported_types/%s/%s"

// Shared with the child that asks the driver.
struct question {
	struct type_details answer;
	const struct root *root;
	const struct gpu *gpu;
	const struct type_list *types;
};

// kvmgt's text has a line for each: "low_gm_size: 64MB" and the like.
static void take_description(struct type_detail *detail, char *text)
{
	char *rest = NULL;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		unsigned number;
		char word[RESOLUTION_SIZE];
		if (sscanf(line, "low_gm_size: %uMB", &number) == 1)
			detail->low_mib = number;
		else if (sscanf(line, "high_gm_size: %uMB", &number) == 1)
			detail->high_mib = number;
		else if (sscanf(line, "resolution: %23s", word) == 1)
			strcpy(detail->resolution, word);
	}
}

static int ask_driver(void *data)
{
	struct question *question = data;
	const char *address = question->gpu->address;
	for (size_t i = 0; i < question->types->count; i++) {
		struct type_detail *detail = &question->answer.items[i];
		const char *type = question->types->names[i];
		char text[1024];
		int r = file_read_linef(question->root->sys, text, sizeof(text), ATTRIBUTE, address, type,
					"description");
		if (r >= 0)
			take_description(detail, text);
		if (r != -ETIMEDOUT)
			r = file_read_linef(question->root->sys, text, sizeof(text), ATTRIBUTE, address, type,
					    "available_instances");
		unsigned number;
		if (r >= 0 && sscanf(text, "%u", &number) == 1)
			detail->available = number > INT32_MAX ? INT32_MAX : (int)number;
		if (r == -ETIMEDOUT) { // so it was when the host's files were captured
			question->answer.hung = true;
			break;
		}
	}
	return 0;
}

void type_details_read(struct type_details *details, const struct root *root, const struct host *host,
		       const struct gpu *gpu, uint64_t until_us)
{
	const struct type_list *types = host_types(host, gpu->address);
	*details = (struct type_details){ .hung = host->gpus.hung };
	for (size_t i = 0; i < TYPES_MAX; i++)
		details->items[i].available = -1;
	if (details->hung || gpu->verdict != GPU_SUPPORTED || !types->registered || types->count == 0)
		return;
	struct question question = { .answer = *details, .root = root, .gpu = gpu, .types = types };
	int r = child_run_shared(ask_driver, &question, sizeof(question), until_us);
	*details = question.answer;
	details->hung |= r == -ETIMEDOUT;
}
