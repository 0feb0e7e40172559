// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/iommu.h"

#include <stdio.h>

#include "base/file.h"

static void read_amd(struct iommu *iommu, const struct root *root)
{
	char text[256] = ""; // the beginning says whose the first processor is
	iommu->ivrs_table = file_exists(root->sys, "firmware/acpi/tables/IVRS");
	iommu->amd = iommu->ivrs_table ||
		(file_read_line(root->proc, "cpuinfo", text, sizeof(text)) > 0 && strstr(text, "AuthenticAMD"));
}

void iommu_read(struct iommu *iommu, const struct root *root)
{
	*iommu = (struct iommu){ 0 };
	CLEANUP_FREE char **names = NULL;
	int count = dir_names(root->sys, "class/iommu", &names);
	iommu->sysfs_found = file_exists(root->sys, "class");
	if (count > 0) {
		iommu->unit_count = count;
		snprintf(iommu->unit, sizeof(iommu->unit), "%s", names[0]);
	}
	iommu->dmar_table = file_exists(root->sys, "firmware/acpi/tables/DMAR");
	if (!iommu->dmar_table)
		read_amd(iommu, root);
	iommu->hung = !file_answers(root->sys, "class/iommu") || !file_answers(root->sys, "firmware/acpi/tables/DMAR");
}
