// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a kernel switches VT-d on without being told. Pure.
#pragma once

#include "read/check_facts.h"

enum iommu_default { DEFAULT_OFF, DEFAULT_ON, DEFAULT_UNKNOWN };

// Of a kernel that may boot; NULL for one that is not known.
enum iommu_default iommu_default_of(const struct facts *facts, const struct next_boot_kernel *kernel);
