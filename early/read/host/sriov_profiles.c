// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/sriov_profiles.h"

#include <errno.h>

#include "base/child.h"

// Shared with the child that asks the driver.
struct question {
	struct sriov_profiles answer;
	const struct root *root;
	const char *pf;
	const struct sriov *sriov;
};

// Returns false when the driver does not answer: so it was when the host's files were captured.
static bool ask(const struct question *question, unsigned number, const char *attribute, long *ret)
{
	*ret = sriov_profile(question->root, question->pf, number, attribute);
	return *ret != -ETIMEDOUT;
}

static int ask_driver(void *data)
{
	struct question *question = data;
	for (unsigned i = 0; i < question->sriov->count && !question->answer.hung; i++) {
		struct vf_profile *profile = &question->answer.vfs[i];
		unsigned number = question->sriov->vfs[i].number;
		question->answer.hung = !ask(question, number, "exec_quantum_ms", &profile->quantum_ms) ||
			!ask(question, number, "preempt_timeout_us", &profile->timeout_us) ||
			!ask(question, number, "vram_quota", &profile->vram) ||
			!ask(question, number, "ggtt_quota", &profile->ggtt);
	}
	return 0;
}

void sriov_profiles_read(struct sriov_profiles *profiles, const struct root *root, const char *pf,
			 const struct sriov *sriov, uint64_t until_us)
{
	struct question question = { .root = root, .pf = pf, .sriov = sriov };
	for (size_t i = 0; i < VFS_MAX; i++)
		question.answer.vfs[i] = (struct vf_profile){ -ENOENT, -ENOENT, -ENOENT, -ENOENT };
	int r = sriov->admin && sriov->count > 0 ? child_run_shared(ask_driver, &question, sizeof(question), until_us)
						 : 0;
	*profiles = question.answer;
	profiles->hung |= r == -ETIMEDOUT;
}
