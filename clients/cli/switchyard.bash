# bash completion for switchyard: the program knows its commands and options best.
source <(switchyard completion bash)
