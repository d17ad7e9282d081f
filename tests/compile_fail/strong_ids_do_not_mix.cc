// expect: (could not convert|no viable conversion|no matching function|cannot convert)
#include "engine/base/id.h"

using JobId = yard::StrongId<struct JobIdTag, yard::Uuid>;
using CallId = yard::StrongId<struct CallIdTag, yard::Uuid>;

void cancel(JobId job);

void caller(JobId job, CallId call) {
  cancel(job);
  cancel(JobId(call.value()));
#ifdef BAD
  cancel(call);
#endif
}
