// expect: (could not convert|no viable conversion|no matching function|cannot convert)
#include "engine/base/id.h"

using JobId = yard::StrongId<struct JobIdTag, yard::Uuid>;

void cancel(JobId job);

void caller(const yard::Uuid& uuid) {
  cancel(JobId(uuid));
#ifdef BAD
  cancel(uuid);
#endif
}
