# cmake -DINPUT=FILE -DOUTPUT=FILE.c -DNAME=NAME -DHEADER=HEADER -P Embed.cmake: a file's bytes as an array in C.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "((0x..,){16})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"${HEADER}\"\n\nconst unsigned char ${NAME}[] = {\n${bytes}\n};\nconst size_t ${NAME}_length = sizeof(${NAME});\n")
