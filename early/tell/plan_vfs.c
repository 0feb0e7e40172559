// SPDX-License-Identifier: GPL-2.0-or-later
#include "tell/plan_vfs.h"

#include <stdio.h>

#include "base/json_text.h"
#include "tell/finding_data.h"
#include "tell/plan_json.h"
#include "tell/plan_text.h"
#include "tell/vf_text.h"
#include "tell/words.h"

static const struct gpu *gpu_of(const struct overview *look, const struct planned_pf *pf)
{
	return &look->host.gpus.items[pf->gpu];
}

// Its driver now, "" for none.
static const char *driver_of(const struct overview *look, const struct planned_pf *pf, const struct planned_vf *vf)
{
	const struct vf *there = sriov_vf(&look->host.sriov.gpus[pf->gpu], vf->number);
	return there ? there->driver : "";
}

static const char *text_of(const struct planned_vf *vf, char ret[static SENTENCE_SIZE])
{
	ret[0] = '\0';
	return vf->finding.name ? finding_text(&vf->finding, ret, SENTENCE_SIZE) : ret;
}

// Whether it cannot be had; other findings are remarks.
static bool is_bad(const struct planned_vf *vf)
{
	return vf->step == VF_LATER || vf->step == VF_HOPELESS;
}

//
// JSON
//

static json_t *vf_json(const struct overview *look, const struct planned_pf *pf, const struct planned_vf *vf)
{
	char text[SENTENCE_SIZE];
	bool acts = pf->stance == STANCE_ACT || vf->step == VF_READY;
	json_t *json = json_pack("{s:i, s:o, s:s, s:o, s:b, s:o, s:o, s:s, s:o}", "number", vf->number, "address",
				 json_text(vf->address), "step", acts ? vf_step_name(vf->step) : "none", "driver",
				 json_text(driver_of(look, pf, vf)), "host", vf->host, "source",
				 vf->source ? json_text(vf->source) : json_null(), "guests",
				 vf_guests_json(&look->config, vf->address), "severity",
				 severity_name(vf->finding.severity), "detail", json_text(text_of(vf, text)));
	if (vf->finding.name)
		finding_add_data(json, &vf->finding);
	return json;
}

json_t *plan_vfs_json(const struct overview *look, const struct plan *plan)
{
	json_t *gpus = json_array();
	for (size_t i = 0; i < plan->vfs.count; i++) {
		const struct planned_pf *pf = &plan->vfs.pfs[i];
		json_t *vfs = json_array();
		for (size_t n = 0; n < pf->vf_count; n++)
			json_array_append_new(vfs, vf_json(look, pf, &pf->vfs[n]));
		json_array_append_new(gpus,
				      json_pack("{s:o, s:s, s:s, s:s, s:i, s:o, s:b, s:o, s:o}", "address",
						json_text(gpu_of(look, pf)->address), "way", way_name(pf->way.way),
						"driver", pf->way.driver, "stance", stance_name(pf->stance), "wanted",
						(int)pf->wanted, "source", json_text(pf->source), "fair", pf->fair,
						"finding",
						finding_json(pf->stance == STANCE_ACT ? &pf->way.finding : &pf->leave),
						"vfs", vfs));
	}
	return gpus;
}

//
// Text
//

void plan_vfs_print_findings(const struct terminal *terminal, const struct plan *plan)
{
	for (size_t i = 0; i < plan->vfs.count; i++) {
		const struct planned_pf *pf = &plan->vfs.pfs[i];
		if (!finding_equal(&pf->way.finding, &plan->gpu) && way_is_sriov(pf->way.way))
			finding_print(terminal, "GPU", &pf->way.finding);
		if (pf->stance != STANCE_ACT && !finding_equal(&pf->leave, &plan->leave) &&
		    !finding_equal(&pf->leave, &plan->gpu))
			finding_print(terminal, "Plan", &pf->leave);
	}
}

static void print_driver(const struct terminal *terminal, const struct overview *look, const struct planned_pf *pf,
			 const struct planned_vf *vf)
{
	size_t indent = plan_indent(terminal);
	const char *gpu = gpu_of(look, pf)->address, *driver = driver_of(look, pf, vf);
	bool other = !vf->host && vf->step == VF_READY && !streq(driver, VF_GUEST_DRIVER);
	if (is_bad(vf))
		plan_print_line(terminal, indent, "virtual function %u of %s", vf->number, gpu);
	else if (vf->step == VF_READY)
		plan_print_line(terminal, indent, "virtual function %u of %s, bound to %s%s", vf->number, gpu, driver,
				other ? "; Proxmox VE binds it to " VF_GUEST_DRIVER " when its guest starts" : "");
	else
		plan_print_line(terminal, indent, "virtual function %u of %s, %s", vf->number, gpu,
				vf->host ? "stays with the host's driver" : "will be bound to " VF_GUEST_DRIVER);
}

// length: how much of the text is not told yet.
static void print_vf(const struct terminal *terminal, const struct overview *look, const struct planned_pf *pf,
		     const struct planned_vf *vf, size_t length)
{
	size_t indent = plan_indent(terminal);
	char text[SENTENCE_SIZE], owners[VF_OWNERS_SIZE], line[VF_LINE_SIZE];
	vf_owners(&look->config, vf->address, owners);
	plan_print_head(terminal, vf->number, is_bad(vf) ? COLOUR_BAD : COLOUR_GOOD, vf_step_name(vf->step),
			vf->address);
	print_driver(terminal, look, pf, vf);
	if (owners[0])
		plan_print_line(terminal, indent, "for %s", owners);
	else if (!vf->host && vf->source)
		plan_print_line(terminal, indent, "for no guest yet");
	else if (!vf->host)
		plan_print_line(terminal, indent,
				"for no guest yet: number %u is wanted, and a GPU's virtual functions exist from 1 on",
				pf->wanted);
	if (vf->source)
		plan_print_line(terminal, indent, "wanted by %s", vf->source);
	if (vf->claim) {
		vf_hostpci(vf->claim, line);
		plan_print_whole(terminal, indent, line);
	}
	if (vf->finding.name)
		plan_print_line(terminal, indent, "%.*s", (int)(length ? length : SENTENCE_SIZE),
				length ? text_of(vf, text) : "as above");
}

// How much of a VF's text was not told of the one with a text above it.
static size_t new_part(const struct planned_pf *pf, size_t index)
{
	char text[SENTENCE_SIZE], before[SENTENCE_SIZE];
	text_of(&pf->vfs[index], text);
	for (size_t i = index; i-- > 0;)
		if (pf->vfs[i].finding.name)
			return finding_new_part(text, text_of(&pf->vfs[i], before));
	return strlen(text);
}

void plan_vfs_print(const struct terminal *terminal, const struct overview *look, const struct plan *plan)
{
	for (size_t i = 0; i < plan->vfs.count; i++) {
		const struct planned_pf *pf = &plan->vfs.pfs[i];
		for (size_t n = 0; n < pf->vf_count && pf->stance == STANCE_ACT; n++)
			print_vf(terminal, look, pf, &pf->vfs[n], new_part(pf, n));
	}
}

size_t plan_vfs_print_guest(const struct terminal *terminal, const struct overview *look, unsigned vmid, bool *ret_bad)
{
	size_t count = 0;
	for (size_t i = 0; i < look->plan.vfs.count; i++) {
		const struct planned_pf *pf = &look->plan.vfs.pfs[i];
		for (size_t n = 0; n < pf->vf_count; n++) {
			char text[SENTENCE_SIZE];
			if (!vf_is_of_guest(&look->config, pf->vfs[n].address, vmid))
				continue;
			print_vf(terminal, look, pf, &pf->vfs[n], strlen(text_of(&pf->vfs[n], text)));
			count++;
			*ret_bad |= is_bad(&pf->vfs[n]) || pf->stance != STANCE_ACT;
		}
	}
	return count;
}

void plan_vfs_print_sum(const struct terminal *terminal, const struct plan *plan)
{
	static const char *const texts[] = {
		[VF_MAKE] = "will be created", [VF_BIND] = "will be bound to a driver",
		[VF_READY] = "present",        [VF_LATER] = "need a reboot",
		[VF_HOPELESS] = "impossible",
	};
	size_t counts[VF_HOPELESS + 1] = { 0 }, wanted = 0, none = 0;
	for (size_t i = 0; i < plan->vfs.count; i++) {
		const struct planned_pf *pf = &plan->vfs.pfs[i];
		wanted += pf->wanted;
		for (size_t n = 0; n < pf->vf_count; n++)
			if (pf->stance == STANCE_ACT || pf->vfs[n].step == VF_READY)
				counts[pf->vfs[n].step]++;
			else
				none++;
	}
	if (wanted == 0)
		return;
	char text[TEXT_SIZE];
	size_t used =
		(size_t)snprintf(text, sizeof(text), "%zu virtual function%s wanted", wanted, wanted == 1 ? "" : "s");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (counts[i] > 0)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "; %zu %s", counts[i],
						 i == VF_LATER && counts[i] == 1 ? "needs a reboot" : texts[i]);
	if (none > 0)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "; %zu cannot be created", none);
	snprintf(text + used, sizeof(text) - used, ".");
	terminal_wrap(terminal, 0, 0, text);
}

bool plan_vfs_are_bad(const struct plan *plan)
{
	for (size_t i = 0; i < plan->vfs.count; i++) {
		const struct planned_pf *pf = &plan->vfs.pfs[i];
		if (pf->stance != STANCE_ACT)
			return true;
		for (size_t n = 0; n < pf->vf_count; n++)
			if (is_bad(&pf->vfs[n]))
				return true;
	}
	return false;
}
