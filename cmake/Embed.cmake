# cmake -DFOLDER=DIR -DFILES=A|B -DOUTPUT=FILE.c -DNAME=NAME -DHEADER=HEADER -P Embed.cmake: the bytes of files, one after
# the other, as an array in C. "|" and not ";" separates them: build tools disagree on how to pass a list.
string(REPLACE "|" ";" FILES "${FILES}")
set(bytes)
foreach(file IN LISTS FILES)
  file(READ ${FOLDER}/${file} more HEX)
  string(APPEND bytes "${more}")
endforeach()
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE "((0x..,){16})" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"${HEADER}\"\n\nconst unsigned char ${NAME}[] = {\n${bytes}\n};\nconst size_t ${NAME}_length = sizeof(${NAME});\n")
