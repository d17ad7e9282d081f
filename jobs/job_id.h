// JobId: the client-made id of one job.
#pragma once

#include "engine/base/id.h"

namespace yard {

using JobId = StrongId<struct JobIdTag, Uuid>;

}  // namespace yard
