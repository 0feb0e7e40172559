// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a kernel switches VT-d on without being told. Pure.
#pragma once

#include "read/check_facts.h"

enum iommu_default { DEFAULT_OFF, DEFAULT_ON, DEFAULT_UNKNOWN };

// Whether a kernel that may boot switches it on for all but an integrated GPU, which SR-IOV splits on this host: VFs
// need the IOMMU of the GPU itself.
bool iommu_default_spares(const struct facts *facts, const struct next_boot_kernel *kernel);

// Of a kernel that may boot; NULL for one that is not known. One that spares the GPU does not switch it on.
enum iommu_default iommu_default_of(const struct facts *facts, const struct next_boot_kernel *kernel);
