// What a history looks like, a line for each step, on standard output.
#pragma once

#include <string_view>

#include "engine/base/bytes.h"
#include "jobs/log.h"

namespace yard::sim {

void print_frame(std::string_view what, std::string_view who, BytesView frame);
void print_record(const jobs::Record& record);  // that a restart reads

}  // namespace yard::sim
