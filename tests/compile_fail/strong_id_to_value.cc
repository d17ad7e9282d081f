// expect: (cannot convert|no viable conversion|invalid conversion|conversion from)
#include <cstdint>

#include "engine/base/id.h"

using Sequence = yard::StrongId<struct SequenceTag, std::uint64_t>;

std::uint64_t milliseconds(Sequence sequence) {
#ifdef BAD
  return sequence;
#else
  return sequence.value();
#endif
}
