// The tunes of the demonstration, from deploy/demo.
#pragma once

#include <string_view>

namespace yard::cli {

extern const std::string_view kDemoTune;
extern const std::string_view kDemoTunebook;

}  // namespace yard::cli
