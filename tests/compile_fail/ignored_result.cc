// expect: (ignoring return(ed)? value)
#include "engine/base/pack.h"

bool checked(yard::BytesView bytes) {
#ifdef BAD
  yard::check_pack(bytes);
#endif
  return yard::check_pack(bytes).has_value();
}
